/** The relays whose events are read, in the order in which they are asked. */
import type { EventFormat } from './event-format.ts';
import { sendgridEvents } from './sendgrid-events.ts';
import { sesEvents } from './ses-events.ts';

export const eventFormats: readonly EventFormat[] = [sesEvents, sendgridEvents];
