/** What retention can be told of: kinds of rows, and fields that may go before their row does. */
export const retentionKinds = ['flows', 'port_blocks', 'nat_events', 'identity', 'rollups'] as const

/** A kind of rows. */
export type RetentionKind = (typeof retentionKinds)[number]

/**
 * Fields of flows. `destination` is the far end, address and port; `application` what a connection
 * was found to be.
 */
export const retentionFields = ['destination', 'host_name', 'application', 'user_name'] as const

/** A field that may go earlier. */
export type RetentionField = (typeof retentionFields)[number]
