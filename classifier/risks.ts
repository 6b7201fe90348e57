/**
 * What about a connection is worth a second look, and what it means: few, and only such as mean
 * something. Protocols name them in their matches.
 */
export const risks = {
  'obsolete-ssh': 'A side offers SSH 1, whose protection is broken.',
  'obsolete-tls': 'TLS 1.1 or older is in force (RFC 8996).',
  'weak-cipher': 'The cipher suite in force is broken, or gives no secrecy.',
  'certificate-expired': 'The certificate was not valid when it was shown.',
  'certificate-self-signed': 'Subject and issuer of the certificate are the same.',
  'certificate-mismatch': 'The certificate is not for the name that was asked for.',
  'clear-text-credentials': 'A password or token crosses the network unprotected.',
  'odd-port': 'A known protocol on a port that is not its own.',
  'obsolete-protocol': 'A version of the protocol that is withdrawn or broken.',
} as const

export type Risk = keyof typeof risks
