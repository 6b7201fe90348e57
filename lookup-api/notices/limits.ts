/** Bounds on what one notice may cost. Each of them is said where it bites. */

/** Bytes of one notice as it comes. */
export const maxNoticeBytes = 25 << 20

/** Lines of one notice: the reader of mail pays by the line. */
export const maxNoticeLines = 1_000_000

/**
 * Lines of one part of a mail, and of one that is base64: what follows is left out. The reader of
 * mail takes tens of microseconds a line.
 */
export const maxPartLines = 20_000
export const maxBase64Lines = 80_000

/** Bytes of all headers of one mail and its parts. */
export const maxHeaderBytes = 256 << 10

/** How deep parts may stand in parts, and mails in mails. */
export const maxPartDepth = 32
export const maxMailDepth = 6

/** Parts of one notice, those of forwarded mails and archives included. */
export const maxParts = 200

/** Files of one archive, and bytes that all archives of one notice may inflate to. */
export const maxArchiveFiles = 50
export const maxInflatedBytes = 20 << 20

/** Characters of one XML document, its elements, and how deep they may stand. */
export const maxDocumentLength = 1 << 20
export const maxElements = 20_000
export const maxElementDepth = 40

/** XML documents of one notice. */
export const maxDocuments = 500

/** Sightings of one notice that are kept; the rest is counted. */
export const maxSightings = 500

/** Characters of free text that are searched; the rest is said to be left out. */
export const maxTextLength = 1 << 20

/** Lines without a named field that are searched for an address with a time. */
export const maxRecordLines = 5000

/** Lines longer than this are no text of a person or a log. */
export const maxLineLength = 4000

/** Instants that one sighting may mean before it counts as not told at all. */
export const maxInstants = 64
