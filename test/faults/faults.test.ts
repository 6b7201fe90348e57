import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, programMissing, rootMissing, skipUnless } from '../skip.ts'
import { faults, suffer } from './faults.ts'
import { World } from './world.ts'

const missing = rootMissing() ?? programMissing('mount') ?? embeddedPostgresMissing()
/** The rest is run by `npx tsx scripts/faults.ts`. */
const chosen = faults.slice(0, 1)

describe.skipIf(skipUnless('postgres', missing))('under load', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
  })
  afterAll(() => world.close())

  test.each(chosen)('$text: nothing twice, made up, or missing without a gap', async (fault) => {
    const found = await suffer(world, fault)
    expect(found.wrong, JSON.stringify(found)).toEqual([])
    expect(found.inLedger).toBeGreaterThan(0)
    expect(found.sessions.answered).toBeGreaterThan(0)
  })
})
