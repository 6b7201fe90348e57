/** Octets of a rule file. */
export const maxFileBytes = 4 << 20

/** Actions and targets of one file, each. */
export const maxEntries = 10_000

/** Connections that are remembered so that a reload can be applied to them. */
export const maxLiveFlows = 131_072

/** Connections that are remembered as moved or reset. */
export const maxRemembered = 65_536

/** Moves that wait for their turn where the rate is limited. */
export const maxWaiting = 4096

/** Requests that one flush may need for the elements of one set, once some are refused. */
export const maxTries = 64

/** Lines that wait to be written, of the action log and of each log and webhook. */
export const maxQueued = 20_000
