import { hash } from 'node:crypto'
import type { Bytes } from '../../model/bytes.ts'
import { elementAt, elementsIn, tag } from './der.ts'
import type { Element } from './der.ts'

/** What is read of an X.509 certificate. */
export interface Certificate {
  readonly subject: string
  readonly issuer: string
  readonly isSelfSigned: boolean
  /** Names that it is for: those of its extension, else its common name. */
  readonly names: readonly string[]
  /** Seconds since 1970. */
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
  readonly sha1: string
}

const attributeNames: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
  '55040a': 'O',
  '55040b': 'OU',
  '2a864886f70d010901': 'emailAddress',
}
const subjectAltName = '551d11'
const maxNames = 100
const maxNameBytes = 255

interface Known {
  readonly octets: Uint8Array
  readonly read: Certificate | undefined
}

/** A power of two. */
const slots = 512
/** Certificates read lately, each with its octets: a server shows the same one to everybody. */
const recent = Array.from({ length: slots }, (): Known | undefined => undefined)
const longestKept = 4096

/**
 * What is read of a certificate.
 *
 * @param bytes the certificate alone
 * @returns undefined where it is none
 */
export function certificateOf(bytes: Bytes): Certificate | undefined {
  const { length } = bytes
  if (length > longestKept) return readCertificate(bytes)
  // It ends with a signature, no two of which are alike.
  const slot = (bytes.u32(length - 4) ^ bytes.u32(length - 20)) & (slots - 1)
  const octets = bytes.subarray()
  const known = recent[slot]
  if (known !== undefined && Buffer.compare(known.octets, octets) === 0) return known.read
  const read = readCertificate(bytes)
  recent[slot] = { octets: octets.slice(), read }
  return read
}

/**
 * RFC 5280 §4.1:
 *
 *   Certificate ::= SEQUENCE { TBSCertificate, algorithm, signature }
 *   TBSCertificate ::= SEQUENCE { [0] version, serial, algorithm, issuer, validity, subject,
 *                                 key, [1], [2], [3] extensions }
 */
function readCertificate(bytes: Bytes): Certificate | undefined {
  const whole = elementAt(bytes, 0, bytes.length)
  if (whole?.tag !== tag.sequence) return undefined
  const body = elementAt(bytes, whole.at, whole.end)
  if (body?.tag !== tag.sequence) return undefined
  const parts = elementsIn(bytes, body)
  // The version is left out of version 1.
  const first = parts[0]?.tag === 0xa0 ? 1 : 0
  const [issuer, validity, subject] = parts.slice(first + 2)
  if (issuer === undefined || validity === undefined || subject === undefined) return undefined
  const [notBefore, notAfter] = elementsIn(bytes, validity)
  const subjectParts = attributesOf(bytes, subject)
  const extensions = parts.find((part) => part.tag === 0xa3)
  const others = extensions === undefined ? [] : alternativeNames(bytes, extensions)
  const common = subjectParts.filter(([name]) => name === 'CN').map(([, value]) => value)
  return {
    subject: textOf(subjectParts),
    issuer: textOf(attributesOf(bytes, issuer)),
    isSelfSigned: bytes.hex(issuer.from, issuer.end) === bytes.hex(subject.from, subject.end),
    names: others.length > 0 ? others : common,
    notBefore: timeOf(bytes, notBefore),
    notAfter: timeOf(bytes, notAfter),
    sha1: hash('sha1', bytes.subarray(whole.from, whole.end)),
  }
}

/** Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value }. */
function attributesOf(bytes: Bytes, name: Element): [string, string][] {
  return elementsIn(bytes, name).flatMap((set) =>
    elementsIn(bytes, set, 8).flatMap((pair): [string, string][] => {
      const [type, value] = elementsIn(bytes, pair, 2)
      if (type === undefined || value === undefined) return []
      const oid = bytes.hex(type.at, type.end)
      const end = Math.min(value.end, value.at + maxNameBytes)
      return [[attributeNames[oid] ?? oid, printable(bytes.utf8(value.at, end))]]
    })
  )
}

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')

const textOf = (parts: readonly (readonly [string, string])[]): string =>
  parts.map(([name, value]) => `${name}=${value}`).join(', ')

/** Extension ::= SEQUENCE { id, critical, value OCTET STRING }; names are tagged [2] within. */
function alternativeNames(bytes: Bytes, extensions: Element): string[] {
  const list = elementsIn(bytes, extensions, 1)[0]
  if (list === undefined) return []
  for (const item of elementsIn(bytes, list)) {
    const parts = elementsIn(bytes, item, 3)
    const [id] = parts
    const value = parts.at(-1)
    if (id === undefined || value === undefined) continue
    if (bytes.hex(id.at, id.end) !== subjectAltName) continue
    const names = elementAt(bytes, value.at, value.end)
    if (names === undefined) return []
    return elementsIn(bytes, names, maxNames)
      .filter((name) => name.tag === 0x82)
      .map((name) => printable(bytes.text(name.at, Math.min(name.end, name.at + maxNameBytes))))
  }
  return []
}

/** UTCTime YYMMDDhhmmssZ (of 1950 to 2049) or GeneralizedTime YYYYMMDDhhmmssZ. */
function timeOf(bytes: Bytes, element: Element | undefined): number | undefined {
  if (element === undefined) return undefined
  const text = bytes.text(element.at, Math.min(element.end, element.at + 20))
  const isShort = element.tag === tag.utcTime
  const parts = (isShort ? /^(\d\d)(\d{4})(\d{4,6})Z/ : /^(\d{4})(\d{4})(\d{4,6})Z/).exec(text)
  if (parts === null) return undefined
  const [, years = '', days = '', clock = ''] = parts
  const short = Number(years)
  const year = isShort ? (short < 50 ? 2000 : 1900) + short : short
  const [month, day] = [Number(days.slice(0, 2)), Number(days.slice(2))]
  const [hour, minute] = [Number(clock.slice(0, 2)), Number(clock.slice(2, 4))]
  return Date.UTC(year, month - 1, day, hour, minute, Number(clock.slice(4))) / 1000
}
