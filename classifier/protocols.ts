import type { Protocol } from './protocols/protocol.ts'
import { dtls } from './protocols/dtls.ts'
import { quic } from './protocols/quic.ts'
import { ssh } from './protocols/ssh.ts'
import { tls } from './protocols/tls.ts'

/**
 * Every protocol: one file each, one line here. Of two that match a flow equally well the first
 * wins, so those with a magic of their own stand before those with a pattern.
 */
export const protocols: readonly Protocol[] = [tls, quic, dtls, ssh]
