import { expect, test } from 'vitest'
import { read } from './reading.ts'

/** A document whose first lines were lost; the address and port of its history are the sender's. */
const remains = `<TimeStamp>2006-01-01T00:00:00Z</TimeStamp>
<IP_Address>198.51.100.1</IP_Address>
<Port>10000</Port>
</Source>
<History>
IP Address: 203.0.113.77
Port: 33333
Timestamp: 2001-09-20T15:33:20.007Z
</History>
</Infringement>
`

const page = (text: string): string => `<html><body><pre>${text}</pre></body></html>`

test.each([
  ['as it is', remains],
  ['quoted', remains.replaceAll(/^/gm, '> ')],
  ['as text of a page', page(remains.replaceAll('<', '&lt;').replaceAll('>', '&gt;'))],
  ['in a page', page(remains)],
  ['with a name space', remains.replaceAll(/<(\/?)(?=\w)/g, '<$1acns:')],
])('a document of ACNS without its beginning is no words: %s', async (_, text) => {
  const { notices, skipped, why } = await read(text)
  expect(notices).toEqual([])
  expect(skipped.map(({ reason }) => reason)).toContainEqual(
    expect.stringContaining('whose beginning is missing')
  )
  expect(why).toContain('No notice was found')
})

test('words beside it are in doubt', async () => {
  const words = 'IP address: 192.0.2.9\nPort: 4000\nTime: 2001-06-04T10:00:00Z\n'
  const { notices } = await read(`${words}\n${remains}`)
  const [said] = notices.flatMap(({ sightings }) => sightings)
  expect(said).toMatchObject({ port: 4000, uncertain: true })
})
