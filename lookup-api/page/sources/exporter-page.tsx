/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ExporterDetailJson } from '../../routes/exporters.ts'
import { Page } from '../layout.tsx'
import { Chip, countText, Facts, None, Table, Time } from '../parts/basics.tsx'
import { durationText } from '../times.ts'
import type { Visitor } from '../visitor.ts'
import { healthOf } from './health.ts'

/** An exporter: how it is heard, what its templates are, and what of it could not be read. */

interface ExporterProperties {
  readonly exporter: ExporterDetailJson
  readonly visitor: Visitor
}

type Template = ExporterDetailJson['template_list'][number]
type TemplateField = Template['fields'][number]

/** A field that no table of ours names is called by its numbers. */
const isUnknown = ({ name, pen, id }: TemplateField): boolean =>
  name === '' || name === `${pen}/${id}` || /^unknown/i.test(name)

const fieldText = (one: TemplateField): string =>
  isUnknown(one) ? `element ${one.id} of enterprise ${one.pen}` : one.name

function Unknown({ templates }: { templates: readonly Template[] }) {
  const names = new Set(templates.flatMap(({ fields }) => fields.filter(isUnknown).map(fieldText)))
  return (
    <section>
      <h2>Unknown elements</h2>
      {names.size === 0 ? (
        <p class="dim">Every element of its templates has a name here.</p>
      ) : (
        <ul>
          {[...names].map((name) => (
            <li>
              <code>{name}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Templates({ templates, visitor }: { templates: readonly Template[]; visitor: Visitor }) {
  if (templates.length === 0) return <p class="dim">It has sent none, or needs none (v5).</p>
  const time = (at: string | null) =>
    at === null ? <None>never</None> : <Time at={at} zone={visitor.zone} />
  return (
    <Table
      caption="Templates"
      columns={[{ title: 'Number', isNumber: true }, 'Of', 'Sent', 'Used', 'Changes', 'Elements']}
      rows={templates.map((one) => [
        String(one.id),
        one.options ? 'options' : 'data',
        time(one.sent),
        time(one.used),
        countText(one.changes),
        <details>
          <summary>{one.fields.length} elements</summary>
          <code>{one.fields.map((part) => `${fieldText(part)}(${part.length})`).join(', ')}</code>
        </details>,
      ])}
    />
  )
}

export function ExporterPage({ exporter: one, visitor }: ExporterProperties) {
  const { tone, words } = healthOf(one)
  const time = (at: string | null) => at && <Time at={at} zone={visitor.zone} />
  const malformed = Object.entries(one.malformed).filter(([, count]) => count > 0)
  const capture = `/v1/exporters/${encodeURIComponent(one.name)}/bad-datagrams`
  return (
    <Page title={`Exporter ${one.name}`} visitor={visitor} wide>
      <p class="crumb">
        <a href="/sources">Sources</a>
      </p>
      <h1>
        {one.name} <Chip tone={tone}>{words}</Chip>
      </h1>
      <div class="columns">
        <Facts
          rows={[
            ['Address', <code>{`${one.address} port ${one.port}`}</code>],
            ['Domain', String(one.domain)],
            ['Version', one.version === 10 ? 'IPFIX' : `NetFlow v${one.version}`],
            ['First heard', time(one.first_heard)],
            ['Last heard', time(one.last_heard)],
            ['Known up to', time(one.watermark)],
            ['Told after at most', durationText(one.delay_seconds)],
            [
              'Clock ahead by',
              `${one.clock_offset_seconds.least} to ${one.clock_offset_seconds.most} s`,
            ],
            ['Sampling', one.sampling.interval > 1 ? `1 in ${one.sampling.interval}` : 'none'],
            ['NAT dialect', one.nat_event_dialect],
          ]}
        />
        <Facts
          rows={[
            ['Messages', countText(one.messages)],
            ['Records', countText(one.records)],
            ['Lost', countText(one.lost)],
            ['Late', countText(one.late)],
            ['Came twice, left out', countText(one.repeated)],
            ['Number came twice, kept', countText(one.duplicates)],
            ['Restarts', countText(one.restarts)],
            ['Sets that wait for a template', countText(one.waiting_sets)],
            ['Sets whose template never came', countText(one.missing_template)],
            ['Times that cannot be', countText(one.implausible_times)],
            ...malformed.map(([why, count]) => [`Malformed: ${why}`, countText(count)] as const),
          ]}
        />
      </div>
      <h2>Bad datagrams</h2>
      {one.bad_datagrams === 0 ? (
        <p class="dim">Everything it sent could be read.</p>
      ) : (
        <p>
          {countText(one.bad_datagrams)} could not be read.{' '}
          {visitor.principal.rights.has('flows') ? (
            <a href={capture} download="bad-datagrams.pcap">
              The last of them as a capture (pcap)
            </a>
          ) : (
            'The last of them are for those who may list flows.'
          )}
        </p>
      )}
      <Unknown templates={one.template_list} />
      <h2>Templates</h2>
      <Templates templates={one.template_list} visitor={visitor} />
    </Page>
  )
}
