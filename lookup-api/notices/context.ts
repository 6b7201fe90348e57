import type { NoticeRules, SenderProfile } from '../../model/notices-settings.ts'
import type { Zone } from '../../model/time-zone.ts'
import type { Mail } from './mail.ts'
import { agree, findTimes } from './times.ts'
import type { TimeContext } from './types.ts'
import { readZoneTail } from './zone-tail.ts'

/** What times of a message are read by: what is configured, and what the mail says of itself. */
export interface NoticeSettings {
  readonly nowUs: number
  /** Zone of times that name none, as who asks says. */
  readonly askedZone?: Zone
  readonly rules?: NoticeRules
}

const matches = ({ from }: SenderProfile, address: string): boolean => {
  const pattern = from.toLowerCase()
  if (!pattern.startsWith('*@')) return pattern === address
  const domain = pattern.slice(2)
  return address.endsWith(`@${domain}`) || address.endsWith(`.${domain}`)
}

/** The profile of an address: the first that names it, an exact one before a domain. */
export function profileOf(
  senders: readonly SenderProfile[],
  address: string | undefined
): SenderProfile | undefined {
  if (address === undefined) return undefined
  const found = senders.filter((profile) => matches(profile, address))
  return found.find(({ from }) => !from.startsWith('*@')) ?? found[0]
}

/** The offset of a mail's own clock; UTC tells nothing of where it stands. */
function senderZone(date: string): Zone | undefined {
  const minutes = /[+-]\d{4}\b/.exec(date)
  if (minutes === null) return undefined
  const [meaning] = readZoneTail(minutes[0], 0).tokens[0]?.meanings ?? []
  const east = meaning?.minutes ?? 0
  return east === 0 ? undefined : { kind: 'offset', minutes: east, text: minutes[0] }
}

/** @param mail left out for what is no mail */
export function timeContext(settings: NoticeSettings, mail?: Mail): TimeContext {
  const { nowUs, askedZone, rules } = settings
  const siteZone = rules?.zone
  const base: TimeContext = {
    nowUs,
    ...(askedZone === undefined ? {} : { askedZone }),
    ...(siteZone === undefined ? {} : { siteZone }),
  }
  if (mail === undefined) return base
  const profile = profileOf(rules?.senders ?? [], mail.from)
  const sent = mail.date === undefined ? undefined : agree(findTimes(mail.date, { nowUs }))
  const [sentUs] = sent?.instants ?? []
  const zone = mail.date === undefined ? undefined : senderZone(mail.date)
  return {
    ...base,
    ...(profile?.zone === undefined ? {} : { profileZone: profile.zone }),
    ...(profile?.dateOrder === undefined ? {} : { dateOrder: profile.dateOrder }),
    ...(zone === undefined ? {} : { senderZone: zone }),
    ...(sentUs === undefined ? {} : { sentUs }),
  }
}
