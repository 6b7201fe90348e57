import { natEvents } from '../../model/nat-events.ts'
import { widthUs } from '../../model/rollup.ts'
import { HourBlocks } from './hour-blocks.ts'

const minutesOfHour = 60
/** Numbers of events end here (RFC 8158): those past it are counted as one. */
const maxEvent = 31

const nameOf = new Map<number, string>(
  Object.entries(natEvents).map(([name, number]) => [
    number,
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  ])
)

/** How often NAT gateways told of something, by minute. */
export class EventSums {
  readonly blocks = new HourBlocks(minutesOfHour, 4)

  add(source: number, event: number, atUs: number): void {
    const minute = Math.floor(atUs / widthUs.minute)
    const hour = Math.floor(minute / minutesOfHour)
    const group = source * (maxEvent + 1) + Math.min(event, maxEvent)
    const place = this.blocks.blockOf(hour, group) * minutesOfHour + (minute % minutesOfHour)
    const { data } = this.blocks
    data[place] = (data[place] ?? 0) + 1
  }

  sourceOf(group: number): number {
    return Math.floor(group / (maxEvent + 1))
  }

  /** `ports-exhausted`; a number that RFC 8158 does not have stands as it is. */
  nameOf(group: number): string {
    const event = group % (maxEvent + 1)
    return nameOf.get(event) ?? String(event)
  }

  clear(): void {
    this.blocks.clear()
  }
}
