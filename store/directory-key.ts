import { parsePrefix } from '../model/address.ts'
import type { SubscriberKey, SubscriberKeyType } from '../model/identity.ts'
import { normaliseMac } from '../model/mac.ts'
import { textOfPrefix } from './identity-text.ts'

/** Characters of a key that are kept. */
const maxKey = 512

/** Hexadecimal identifiers, whose groups people write apart in several ways. */
function foldHex(text: string): string | undefined {
  const digits = text
    .toLowerCase()
    .replace(/^0x/, '')
    .replaceAll(/[:\-. ]/g, '')
  return /^([0-9a-f]{2})+$/.test(digits) ? digits : undefined
}

const foldText = (text: string): string => text.normalize('NFC').toLowerCase()

const folds: Readonly<Record<SubscriberKeyType, (text: string) => string | undefined>> = {
  user: foldText,
  mac: normaliseMac,
  duid: foldHex,
  'client-id': foldHex,
  'circuit-id': foldText,
  'remote-id': foldText,
  prefix: (text) => textOfPrefix(parsePrefix(text)),
}

/**
 * The form in which a key is compared: letters in lower case, MACs and hexadecimal identifiers in
 * one spelling, prefixes as `10.0.0.0/24`.
 *
 * @returns undefined where the text is no key of that type
 */
export function foldKey({ type, value }: SubscriberKey): string | undefined {
  const text = value.trim()
  if (text === '' || text.length > maxKey || text.includes('\0')) return undefined
  return folds[type](text)
}
