import fc from 'fast-check'

/** Where global-setup.ts or the caller has named a seed, random inputs follow from it. */
const named = process.env['TEST_SEED']
if (named !== undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(named) | 0 })
}
