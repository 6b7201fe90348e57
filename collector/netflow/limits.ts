/** Bounds on what exporters can make a collector hold; each has a counter where it bites. */

/** Exporters (with their observation domains) that are listened to. */
export const maxExporters = 10_000

/** Templates of one exporter and domain. */
export const maxTemplates = 1024

/** Templates of all exporters together. */
export const maxTemplatesTogether = 400_000

/** Fields of one template. */
export const maxFields = 512

/** Data sets of one exporter that wait for their template. */
export const maxPendingSets = 4096

/** Octets of them: of one exporter, and of all. */
export const maxPendingBytes = 256 << 10
export const maxPendingTogether = 32 << 20

/** How long a data set waits for its template (ms). */
export const pendingMs = 30 * 60_000

/** A template that was neither sent nor used for so long is forgotten (ms). */
export const templateLifetimeMs = 24 * 3_600_000

/** Bad datagrams that are kept of one exporter, and octets of them, of one and of all. */
export const maxBadDatagrams = 16
export const maxBadBytes = 64 << 10
export const maxBadTogether = 16 << 20

/** Names (of interfaces, applications, VRFs, …) that one exporter can give. */
export const maxNames = 20_000

/** Octets of a text that the ledger keeps; longer ones are cut. */
export const maxTextBytes = 255

/** Lists within lists (RFC 6313) that are followed. */
export const maxListDepth = 4

/** Shapes of templates that are shared between exporters. */
export const maxSharedLayouts = 8192

/** IPFIX connections over TCP or TLS at one time. */
export const maxConnections = 1024
