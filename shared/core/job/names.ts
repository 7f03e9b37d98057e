/** The name of a job type: a letter, then up to 127 letters, digits or `_ . : -`. */
export const TYPE_NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,127}$/;

/** The name of a queue, a schedule or a connector configuration: up to 63 characters. */
export const RESOURCE_NAME = /^[a-z][a-z0-9_.-]{0,62}$/;

/** The event type of a message, such as `order.paid`: up to 128 characters. */
export const EVENT_TYPE = /^[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*$/;
