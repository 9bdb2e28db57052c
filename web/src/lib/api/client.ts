/** The venue that serves this page. Wrap calls in `ask`, which throws a `Refusal` rather than hand out half an answer. */
import { createApi } from '@cenote/client';

export { ask, asRefusal, Refusal } from '@cenote/client';

export const api = createApi(location.origin);
