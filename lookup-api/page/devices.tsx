/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { DeviceJson, DevicePageJson } from '../live/devices.ts'
import { queryText } from './ask.ts'
import { Page } from './layout.tsx'
import { Chip, countText, Empty, None, Table, Time } from './parts/basics.tsx'
import { Pager } from './parts/pager.tsx'
import { render } from './render.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/devices`: who is inside. */

type Identity = NonNullable<DeviceJson['identities']>[number]

const several = (texts: readonly (string | null)[]): string[] => [
  ...new Set(texts.filter((text): text is string => text !== null && text !== '')),
]

function Mac({ identities }: { identities: readonly Identity[] }) {
  const macs = several(identities.map(({ mac }) => mac))
  if (macs.length === 0) return <None />
  const made = new Set(identities.filter((one) => one.mac_randomised).map(({ mac }) => mac))
  return (
    <>
      {macs.map((mac) => (
        <div>
          <code>{mac}</code> {made.has(mac) ? <Chip tone="unsure">made up</Chip> : null}
        </div>
      ))}
    </>
  )
}

const names = (list: readonly string[]) => (list.length === 0 ? <None /> : list.join(', '))

function Names({ list }: { list: readonly string[] }) {
  if (list.length === 0) return <None />
  const shown = list.slice(0, 6)
  return (
    <>
      {shown.map((name) => (
        <>
          <Chip>{name}</Chip>{' '}
        </>
      ))}
      {list.length > shown.length ? `and ${list.length - shown.length} more` : ''}
    </>
  )
}

function cellsOf(device: DeviceJson, visitor: Visitor, reveals: boolean) {
  const identities = device.identities ?? []
  const flows = `/flows${queryText({ inside: device.address })}`
  const isOne = !device.address.includes('/')
  const address = <code>{device.address}</code>
  return [
    isOne ? <a href={flows}>{address}</a> : address,
    ...(reveals
      ? [
          names(several(identities.map(({ hostname }) => hostname))),
          names(several(identities.map(({ user }) => user))),
          <Mac identities={identities} />,
          device.dhcp_fingerprint === null ? (
            (device.dhcp_class ?? <None />)
          ) : (
            <code>{[device.dhcp_class, device.dhcp_fingerprint].filter(Boolean).join(' ')}</code>
          ),
          names(several(identities.map(({ kind, source }) => `${kind} (${source})`))),
        ]
      : []),
    <Names list={device.applications} />,
    <Names list={device.protocols} />,
    countText(device.connections),
    device.last_seen === null ? (
      <None>not seen</None>
    ) : (
      <Time at={device.last_seen} zone={visitor.zone} />
    ),
  ]
}

export function deviceRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/devices', async (c) => {
    const visitor = c.get('visitor')
    const query = { cursor: c.req.query('cursor'), limit: '100' }
    const page = await visitor.api.get<DevicePageJson>('/v1/devices', query)
    const reveals = page.withheld === null
    return render(
      c,
      <Page title="Devices" visitor={visitor} wide>
        <h1>Devices</h1>
        {page.withheld === null ? null : <p class="notice">{page.withheld}</p>}
        {page.devices.length === 0 ? (
          <Empty title="Nobody was seen inside in the last hour.">
            <p>
              Leases, sessions and neighbours come from <code>collector.identity</code>,
              applications from <code>collector.capture</code>; how well both are heard is at{' '}
              <a href="/sources">Sources</a>.
            </p>
          </Empty>
        ) : (
          <Table
            caption="Inside hosts, by address"
            columns={[
              'Address',
              ...(reveals ? ['Host name', 'Log-in', 'MAC', 'DHCP', 'Known from'] : []),
              'Applications',
              'Protocols',
              { title: 'Connections', isNumber: true },
              'Last seen',
            ]}
            rows={page.devices.map((device) => cellsOf(device, visitor, reveals))}
          />
        )}
        <Pager path="/devices" query={{}} next={page.next} />
      </Page>
    )
  })
}
