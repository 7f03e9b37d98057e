/** The most bytes of a webhook's body. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** The most bytes of a body in the payload of its job. A larger one is stored beside the job. */
export const MAX_INLINE_BYTES = 256 * 1024;
/**
 * Bytes up to which a body that is too large is read and dropped, so that its sender gets the
 * answer. GitHub, which sends the largest events, caps them at 25 MB.
 */
export const MAX_READ_BYTES = 32 * 1024 * 1024;
