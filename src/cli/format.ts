/** Numbers as people read them. */

/** `12,313` */
export function formatCount(count: number): string {
	return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 message`, `12,313 messages` */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
	return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `98.6 %`; what is not everything never becomes 100, what is not nothing never 0. */
export function formatShare(part: number, whole: number): string {
	if (whole === 0 || part === 0) return '0 %';
	if (part === whole) return '100 %';
	const percent = Math.min(Math.max((part / whole) * 100, 0.1), 99.9);
	return `${percent.toFixed(1)} %`;
}

/** `512 bytes`, `18.2 KB`, `3.1 MB` */
export function formatBytes(bytes: number): string {
	if (bytes < 1000) return `${bytes} bytes`;
	if (bytes < 999_950) return `${(bytes / 1000).toFixed(1)} KB`;
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `0.1 ms`, `142 ms`, `4.1 s` */
export function formatMilliseconds(milliseconds: number): string {
	if (milliseconds < 0.095) return `${milliseconds.toFixed(2)} ms`;
	if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
	if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
	return formatDuration(milliseconds / 1000);
}

/** `0.4 s`, `59 s`, `10 min 31 s`, `2 h 5 min` */
export function formatDuration(seconds: number): string {
	if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** For a progress bar: `4:49`, `1:02:03` */
export function formatTimeLeft(seconds: number): string {
	const whole = Math.ceil(seconds);
	const two = (value: number) => String(value).padStart(2, '0');
	const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
	return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** For plain lines: `49s`, `4m49s`, `1h2m` */
export function formatShortDuration(seconds: number): string {
	const whole = Math.ceil(seconds);
	if (whole < 60) return `${whole}s`;
	if (whole < 3600) return `${Math.floor(whole / 60)}m${whole % 60}s`;
	return `${Math.floor(whole / 3600)}h${Math.floor((whole % 3600) / 60)}m`;
}

/** `19.5/s`, `312/s`, `12,400/s` */
export function formatRate(perSecond: number): string {
	return perSecond < 99.95 ? `${perSecond.toFixed(1)}/s` : `${formatCount(Math.round(perSecond))}/s`;
}
