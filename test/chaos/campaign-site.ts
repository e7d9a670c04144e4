/** A campaign in a directory of its own, and runs of the real binary on it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTemplate } from '../helpers/list-builder.ts';
import { type FinishedRun, type RunningMailshot, runMailshot, startMailshot } from '../helpers/run-mailshot.ts';

export interface SiteOptions {
	readonly directory: string;
	readonly smtp: string;
	/** Recipients, one row each. */
	readonly rows: number;
	readonly flags?: readonly string[];
	/** Another program than bin/mailshot.js of this tree. */
	readonly program?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Add a row that names the first recipient again, and one without a valid address. */
	readonly oddRows?: boolean;
}

export class CampaignSite {
	readonly directory: string;
	readonly keys: readonly string[];
	readonly logPath: string;
	readonly journalPath: string;
	readonly listPath: string;
	readonly templatePath: string;
	readonly #options: SiteOptions;

	constructor(options: SiteOptions) {
		const { directory, rows, oddRows } = options;
		this.#options = options;
		this.directory = directory;
		this.logPath = join(directory, 'results.jsonl');
		this.journalPath = `${this.logPath}.journal`;
		this.listPath = join(directory, 'list.csv');
		this.keys = Array.from({ length: rows }, (_, index) => `user${index + 1}@example.com`);
		const odd = oddRows === true ? ['user1@example.com', 'nobody'] : [];
		this.writeList([...this.keys.slice(0, -1), ...odd, ...this.keys.slice(-1)]);
		this.templatePath = buildTemplate(directory, template);
	}

	writeList(addresses: readonly string[]): void {
		const lines = addresses.map((address, index) => `${address},Name ${index + 1},City ${index % 7}\n`);
		writeFileSync(this.listPath, `email,first_name,city\n${lines.join('')}`);
	}

	/** `mailshot send` as a person would type it again and again. */
	start(...moreFlags: readonly string[]): RunningMailshot {
		const { smtp, flags = [] } = this.#options;
		const args = ['send', 'list.csv', '--template', 'news.hbs', '--log', 'results.jsonl', '--smtp', smtp, '--yes'];
		// What is put off is for the next run, unless the test is about retries: nobody waits a minute for them.
		const patience = flags.includes('--retry') ? [] : ['--retry', 'none'];
		return startMailshot([...args, ...patience, ...flags, ...moreFlags], this.#runOptions);
	}

	/** The same to its end. */
	run(...moreFlags: readonly string[]): Promise<FinishedRun> {
		return this.start(...moreFlags).finished;
	}

	/** Any other command of mailshot here: `log verify results.jsonl`. */
	command(...args: readonly string[]): Promise<FinishedRun> {
		return runMailshot(args, this.#runOptions);
	}

	read(path: string): string {
		return readFileSync(path, 'utf8');
	}

	get #runOptions() {
		const { directory, program, env } = this.#options;
		return { cwd: directory, ...(program === undefined ? {} : { program }), ...(env === undefined ? {} : { env }) };
	}
}

const template = `From: Acme News <news@acme.example>
To: {{first_name}} <{{email}}>
Subject: Your November update

<p>Hello {{first_name}}, greetings to {{city}}. ${'We have news for you. '.repeat(8)}</p>
`;
