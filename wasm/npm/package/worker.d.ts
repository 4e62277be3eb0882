
/**
 * Makes secrets in `worker`, a `Worker` of the platform whose script is `strongroom/thread`, instead of one that
 * is started when the first secret is made. Once there is a thread, there is no other until it has ended.
 */
export function init(worker: object): void;

/**
 * Ends the thread, and with it all its secrets and what is pending, which is `terminated`. The next secret is
 * made in a new one.
 */
export function terminate(): Promise<void>;

/** The platform's `MessagePort`, where TypeScript knows it. */
type Port = typeof globalThis extends { MessagePort: { prototype: infer P } } ? P : object;
