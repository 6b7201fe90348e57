/**
 * Bounds on everything that comes from outside. A name ends in its unit; each bound has a counter
 * or an error where it bites.
 */

/** The longest interval one ledger row may cover; longer ones are cut. Look-ups rely on it. */
export const maxSliceUs = 3_600e6

/**
 * Rows in one batch, and so in one spool frame: few enough that the columns of a batch stay in the
 * processor's cache while it is filled.
 */
export const batchRows = 1024

/**
 * Batches that whoever adds up rows may leave until there are so many: some thousands of rows one
 * after another take half of what they take in fits and starts.
 */
export const waitingBatches = 16

/** Bytes of one spool frame's payload, checked before anything is allocated for it. */
export const maxFrameBytes = 8 << 20

/** Bytes of one spool segment; the next frame opens a new one. */
export const segmentBytes = 64 << 20

/** Bytes of one line of an imported text; a longer one is counted and passed over. */
export const maxLineBytes = 8192

/** Candidates that one answer carries; the answer says when there were more. */
export const maxCandidates = 200

/** Rows that one look-up reads before it says that it was cut. */
export const maxLookupRows = 20_000

/** Rows of one batch look-up request. */
export const maxBatchLookups = 100_000

/** Bytes of the body of one batch look-up request, which is read as it comes. */
export const maxBatchBytes = 64 << 20

/** Bytes of one HTTP request body. */
export const maxBodyBytes = 4 << 20

/**
 * Connections that an import of text holds open; above it those seen longest ago are written out.
 */
export const maxImportOpenFlows = 1 << 20

/** The longest connection that is believed; a longer one comes of a clock that was set wrong. */
export const maxConnectionUs = 400 * 86_400e6
