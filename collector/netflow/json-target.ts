import { formatWords } from '../../model/address.ts'
import type { Message } from './arrival.ts'
import type { Exporter, TemplateEntry } from './exporter.ts'
import type { Layout } from './layout.ts'
import { eachRecord } from './lists.ts'
import { recordJson } from './record-json.ts'
import type { RecordTarget } from './record-target.ts'

const startUptime = 22
const endUptime = 21

/** Shows records as lines of JSON, one a record. */
export class JsonTarget implements RecordTarget {
  private readonly line: (text: string) => void
  private readonly showsExporter: () => boolean

  /** @param showsExporter false where nobody knows who sent it: a file of payloads */
  constructor(line: (text: string) => void, showsExporter: () => boolean) {
    this.line = line
    this.showsExporter = showsExporter
  }

  records(
    exporter: Exporter,
    { layout }: TemplateEntry,
    message: Message,
    view: DataView,
    from: number,
    to: number
  ): number {
    let records = 0
    eachRecord(view, from, to, layout, (bounds) => {
      records++
      const when = uptimesJson(message, layout, view, bounds)
      this.write(exporter, message.version, layout, view, bounds, when)
    })
    return records
  }

  option(
    exporter: Exporter,
    layout: Layout,
    { version }: Message,
    view: DataView,
    bounds: Uint32Array
  ): void {
    this.write(exporter, version, layout, view, bounds, ',"option":true')
  }

  private write(
    exporter: Exporter,
    version: number,
    layout: Layout,
    view: DataView,
    bounds: Uint32Array,
    more: string
  ): void {
    const who = this.showsExporter() ? `"exporter":"${formatWords(exporter.address)}",` : ''
    const head = `${who}"version":${version},"domain":${exporter.domain}`
    const context = {
      learnt: exporter.learnt,
      template: (id: number) => exporter.templates.get(id)?.layout,
    }
    const fields = recordJson(view, bounds, layout, context)
    this.line(`{${head}${more}${fields === '' ? '' : `,${fields}`}}`)
  }
}

/** What times since the exporter started are by its clock, where its message tells both. */
function uptimesJson(
  { sysUptimeMs, exportUs }: Message,
  { ids, pens }: Layout,
  view: DataView,
  bounds: Uint32Array
): string {
  if (sysUptimeMs < 0) return ''
  let text = ''
  for (const [index, id] of ids.entries()) {
    if ((id !== startUptime && id !== endUptime) || pens[index] !== 0) continue
    const at = bounds[2 * index] ?? 0
    if ((bounds[2 * index + 1] ?? 0) - at !== 4) continue
    const us = exportUs - ((sysUptimeMs - view.getUint32(at)) | 0) * 1000
    const iso = new Date(us / 1000).toISOString()
    text += `,"${id === startUptime ? 'flow_start' : 'flow_end'}":"${iso}"`
  }
  return text
}
