/**
 * Versions of QUIC (IANA "QUIC Versions", and those that were used before RFC 9000): with which
 * salt and labels their Initial packets are protected (RFC 9001 §5.2, RFC 9369 §3.3).
 */
export interface QuicVersion {
  /** Salt of the Initial secret, hexadecimal; undefined where its packets cannot be opened. */
  readonly salt: string | undefined
  /** What the labels of key, iv and header protection begin with. */
  readonly label: 'quic' | 'quicv2'
  /** Type code of Initial packets in the first octet. */
  readonly initialType: 0 | 1
  /** Google's own handshake instead of TLS. */
  readonly isGoogle: boolean
}

const v1Salt = '38762cf7f55934b34d179ae6a4c80cadccbb7f0a'
const v2Salt = '0dede3def700a6db819381be6e269dcbf9bd2ed9'
/** Drafts by the first number that used each salt. */
const draftSalts: readonly (readonly [from: number, salt: string])[] = [
  [33, v1Salt],
  [29, 'afbfec289993d24c9e9786f19c6111e04390a899'],
  [23, 'c3eef712c72ebb5a11a7d2432bb46365bef9f502'],
  [21, '7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a'],
]
/** Google's, by the four letters of their name. */
const googleSalts: Readonly<Record<string, string>> = {
  Q050: '504574efd066fe2f9d945cfcdbd3a7f0d3b56b45',
  T050: '7ff579e5acd072915580304c43a2367c60488310',
  T051: '7a4edef4e7ccee5fa4506c19124fc8ccda6e033d',
}

const likeV1 = (salt: string | undefined, isGoogle = false): QuicVersion => ({
  salt,
  label: 'quic',
  initialType: 0,
  isGoogle,
})

const v1 = likeV1(v1Salt)
const v2: QuicVersion = { salt: v2Salt, label: 'quicv2', initialType: 1, isGoogle: false }
const unreadable = likeV1(undefined)

function ofDraft(number: number): QuicVersion {
  return likeV1(draftSalts.find(([from]) => number >= from)?.[1])
}

/** Facebook's mvfst has versions of its own, each the same as some draft. */
const drafts = new Map<number, QuicVersion>([
  [0xfaceb001, ofDraft(22)],
  [0xfaceb002, ofDraft(27)],
  [0xfaceb00e, ofDraft(27)],
  [0xfaceb003, ofDraft(29)],
  [0xfaceb010, v1],
  [0xfaceb011, v1],
  [0xfaceb012, v1],
  [0xfaceb013, v1],
])

/** What is known of a version; undefined where it is none. */
export function quicVersion(version: number): QuicVersion | undefined {
  if (version === 1) return v1
  if (version === 0x6b3343cf || version === 0x709a50c4) return v2
  if (version >>> 8 === 0xff0000) return ofDraft(version & 0xff)
  if (version >>> 8 === 0xfaceb0) return drafts.get(version) ?? unreadable
  // Reserved to keep negotiation working (RFC 9000 §15).
  if ((version & 0x0f0f0f0f) >>> 0 === 0x0a0a0a0a) return unreadable
  return googleVersion(version)
}

/** `Q` or `T` and three digits. */
function googleVersion(version: number): QuicVersion | undefined {
  const letter = version >>> 24
  if (letter !== 0x51 && letter !== 0x54) return undefined
  const name = String.fromCharCode(
    letter,
    (version >> 16) & 255,
    (version >> 8) & 255,
    version & 255
  )
  if (!/^[QT]0\d\d$/.test(name)) return undefined
  return likeV1(googleSalts[name], letter === 0x51)
}
