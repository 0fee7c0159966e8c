const ISO_8601 = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) *(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Reads the service's `upload_at`. Without a zone it is UTC. Undefined when it is no time. */
export function uploadTime(uploadAt: string): Date | undefined {
	const [, day, time, zone = 'Z'] = ISO_8601.exec(uploadAt) ?? [];
	if (day === undefined || time === undefined) return undefined;
	const date = new Date(`${day}T${time.replace(',', '.')}${offset(zone)}`);
	return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Whether an `upload_at` is a moment that everybody reads the same: a time with a zone. */
export function hasZone(uploadAt: string): boolean {
	return ISO_8601.exec(uploadAt)?.[3] !== undefined && uploadTime(uploadAt) !== undefined;
}

/** `+0800` and `+08` as JavaScript wants them: `+08:00`. */
function offset(zone: string): string {
	if (zone.length === 1) return 'Z';
	const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
	return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
