import fc from 'fast-check'
import type { Truth } from '../lookup-api/notices/reading.ts'
import {
  acns,
  acnsStyle,
  fields,
  fieldStyle,
  letter,
  sureForms,
} from '../lookup-api/notices/writing.ts'

/** Notices of one sighting in every format that is read. */

/** One notice, in a format of its own. */
export type Written = (one: Truth) => string

const sure = fc.nat(sureForms.length - 1)
export const timeText = (form: number, { atUs }: Truth): string =>
  sureForms[form]?.(atUs / 1000) ?? ''

const xarf4 = (form: number): Written => {
  return (one) =>
    JSON.stringify({
      xarf_version: '4.2.0',
      report_id: '5f0e7a30-2b53-4d2a-9d1a-9d1f5e0b7c11',
      timestamp: timeText(form, one),
      reporter: { org: 'R', contact: 'r@example.org', domain: 'example.org' },
      category: 'connection',
      type: 'login_attack',
      source_identifier: one.ip,
      source_port: one.port,
      destination_ip: '203.0.113.5',
      destination_port: 22,
      first_seen: timeText(0, one),
    })
}

const marf = (form: number): Written => {
  return (one) =>
    [
      'From: fbl@example.org',
      'To: abuse@example.net',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=feedback-report; boundary=M',
      '',
      '--M',
      'Content-Type: text/plain',
      '',
      'This is a report.',
      '--M',
      'Content-Type: message/feedback-report',
      '',
      'Feedback-Type: abuse',
      'User-Agent: x/1',
      'Version: 1',
      `Source-IP: ${one.ip}`,
      `Source-Port: ${one.port}`,
      `Arrival-Date: ${timeText(form, one)}`,
      '--M',
      'Content-Type: message/rfc822',
      '',
      'From: x@example.com',
      'Received: from [203.0.113.99] by y; Mon, 4 Jun 2001 10:11:12 +0000',
      'Subject: spam',
      '',
      'buy',
      '--M--',
      '',
    ].join('\n')
}

const csv = (form: number): Written => {
  return (one) =>
    `timestamp,ip,port,asn,geo\n"${timeText(form, one)}","${one.ip}",${one.port},64500,ZZ\n`
}

const logLine = (form: number): Written => {
  return (one) =>
    `${timeText(form, one)} sshd[1]: Failed password for root from ${one.ip} port ${one.port} ssh2`
}

export const written: fc.Arbitrary<Written> = fc.oneof(
  acnsStyle.map(
    (style): Written =>
      (one) =>
        acns(one, style)
  ),
  fc.tuple(fieldStyle, fc.nat(500)).map(
    ([style, noise]): Written =>
      (one) =>
        letter(fields([one], style), noise)
  ),
  sure.map(xarf4),
  fc.constantFrom(0, 1, 3, 6, 7).map(marf),
  fc.constantFrom(0, 1, 3).map(csv),
  fc.constantFrom(0, 1, 3, 5, 6).map(logLine)
)
