import { createHash, randomBytes } from 'node:crypto'

/** The secret of a browser's session: 256 bits; nobody guesses them, so no slow hash is needed. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept of a secret. */
export const secretDigest = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** The condition under which session `s` is neither over nor idle for too long. */
export const liveSession =
  "s.expires_at > now() and s.used_at > now() - s.idle_us * interval '1 microsecond'"
