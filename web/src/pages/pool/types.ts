/** Parts of answers that only this page names. */
import type { NavPath } from '@cenote/client';

export type NavSummary = NavPath['summary'];
