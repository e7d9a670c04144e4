/** Preloaded into the mailer (`node --import`): every question to the name servers fails for now. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

function fail(...args) {
	const done = args.at(-1);
	const error = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' });
	process.nextTick(done, error);
}

for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
	dns[name] = fail;
	dns.Resolver.prototype[name] = fail;
}
syncBuiltinESMExports();
