/**
 * What the names of time zones can mean. An abbreviation is no name of the time zone database: IST
 * is India, Israel and Ireland. So each has all its meanings, and only one with a single meaning
 * decides anything.
 */

/** An offset in minutes east of UTC, and a place that uses it, where it changes with the season. */
export interface ZoneMeaning {
  readonly minutes?: number
  /** IANA name: its clocks decide, or (beside `minutes`) cast doubt where they say otherwise. */
  readonly region?: string
}

const table: Readonly<Record<string, string>> = {
  // Universal time. GMT is taken at its word.
  UTC: '0',
  GMT: '0',
  UT: '0',
  Z: '0',
  ZULU: '0',
  // Europe.
  WET: '0 Europe/Lisbon',
  WEST: '60 Europe/Lisbon',
  CET: '60 Europe/Berlin',
  CEST: '120 Europe/Berlin',
  MEZ: '60 Europe/Berlin',
  MESZ: '120 Europe/Berlin',
  MET: '60 Europe/Berlin',
  MEST: '120 Europe/Berlin',
  EET: '120 Europe/Helsinki',
  EEST: '180 Europe/Helsinki',
  TRT: '180 Europe/Istanbul',
  MSK: 'Europe/Moscow',
  MSD: '240',
  BST: '60 Europe/London|360|660',
  IST: '330|120 Asia/Jerusalem|60 Europe/Dublin',
  IDT: '180 Asia/Jerusalem',
  // The Americas. EST was Australia's too, PST is the Philippines', CST is China's and Cuba's.
  EST: '-300 America/New_York|600 Australia/Sydney',
  EDT: '-240 America/New_York|660 Australia/Sydney',
  CST: '-360 America/Chicago|480|-300 America/Havana|570 Australia/Adelaide',
  CDT: '-300 America/Chicago|-240 America/Havana|630 Australia/Adelaide',
  MST: '-420 America/Denver|480|390',
  MDT: '-360 America/Denver',
  PST: '-480 America/Los_Angeles|480|-480',
  PDT: '-420 America/Los_Angeles',
  AKST: '-540 America/Anchorage',
  AKDT: '-480 America/Anchorage',
  HST: '-600',
  AST: '-240 America/Halifax|180',
  ADT: '-180 America/Halifax|240',
  NST: '-210 America/St_Johns',
  NDT: '-150 America/St_Johns',
  BRT: '-180 America/Sao_Paulo',
  BRST: '-120 America/Sao_Paulo',
  ART: '-180',
  UYT: '-180 America/Montevideo',
  PET: '-300',
  COT: '-300',
  VET: 'America/Caracas',
  CLT: '-240 America/Santiago|-180 America/Santiago',
  CLST: '-180 America/Santiago',
  AMT: '-240|240',
  // Asia, Australia, the Pacific.
  PKT: '300',
  NPT: '345',
  ICT: '420',
  WIB: '420',
  WITA: '480',
  WIT: '540',
  HKT: '480',
  SGT: '480',
  PHT: '480',
  JST: '540',
  KST: '540',
  GST: '240|-120',
  IRST: '210 Asia/Tehran',
  AWST: '480',
  ACST: '570 Australia/Adelaide',
  ACDT: '630 Australia/Adelaide',
  AEST: '600 Australia/Sydney',
  AEDT: '660 Australia/Sydney',
  NZST: '720 Pacific/Auckland',
  NZDT: '780 Pacific/Auckland',
  SST: '-660|480',
  WST: '480|780|60',
  // Africa.
  SAST: '120',
  CAT: '120',
  EAT: '180',
  WAT: '60',
  // Without a season: whatever the clocks there said, or those of the other continent.
  ET: 'America/New_York|Australia/Sydney',
  CT: 'America/Chicago|Australia/Adelaide',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
}

const phrases: Readonly<Record<string, string>> = {
  'coordinated universal time': '0',
  'universal time': '0',
  'greenwich mean time': '0',
  'north american eastern time': 'America/New_York',
  'north american central time': 'America/Chicago',
  'north american mountain time': 'America/Denver',
  'north american pacific time': 'America/Los_Angeles',
  'us eastern time': 'America/New_York',
  'us central time': 'America/Chicago',
  'us mountain time': 'America/Denver',
  'us pacific time': 'America/Los_Angeles',
  'eastern time': 'America/New_York|Australia/Sydney',
  'central time': 'America/Chicago|Australia/Adelaide',
  'mountain time': 'America/Denver',
  'pacific time': 'America/Los_Angeles',
  'eastern standard time': '-300 America/New_York|600 Australia/Sydney',
  'eastern daylight time': '-240 America/New_York|660 Australia/Sydney',
  'central standard time': '-360 America/Chicago|570 Australia/Adelaide',
  'central daylight time': '-300 America/Chicago|630 Australia/Adelaide',
  'mountain standard time': '-420 America/Denver|-420',
  'mountain daylight time': '-360 America/Denver',
  'pacific standard time': '-480 America/Los_Angeles',
  'pacific daylight time': '-420 America/Los_Angeles',
  'central european time': '60 Europe/Berlin',
  'central european summer time': '120 Europe/Berlin',
  'british summer time': '60 Europe/London',
  'moscow time': 'Europe/Moscow',
  'indian standard time': '330',
  'india standard time': '330',
  'japan standard time': '540',
  'brasilia time': '-180 America/Sao_Paulo',
}

function meaningsOf(text: string): ZoneMeaning[] {
  return text.split('|').map((meaning) => {
    const [first = '', region] = meaning.split(' ')
    if (!/^-?\d+$/.test(first)) return { region: first }
    return region === undefined ? { minutes: Number(first) } : { minutes: Number(first), region }
  })
}

/** What an abbreviation can mean; undefined for one that is not known. */
export function abbreviationMeanings(text: string): ZoneMeaning[] | undefined {
  const name = text.toUpperCase()
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  return entry === undefined ? undefined : meaningsOf(entry)
}

const longestFirst = Object.keys(phrases).sort((a, b) => b.length - a.length)

/** A zone in words at the start of the text, such as `North American Eastern Time`. */
export function phraseAt(text: string): { words: string; meanings: ZoneMeaning[] } | undefined {
  const lower = text.slice(0, 60).toLowerCase()
  const words = longestFirst.find(
    (phrase) => lower.startsWith(phrase) && !/^\w/.test(lower.slice(phrase.length))
  )
  return words === undefined ? undefined : { words, meanings: meaningsOf(phrases[words] ?? '') }
}
