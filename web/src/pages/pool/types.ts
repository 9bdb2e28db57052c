/** Parts of answers that only this page names. */
import type { NavPath } from '../../lib/api/types';

export type NavSummary = NavPath['summary'];
