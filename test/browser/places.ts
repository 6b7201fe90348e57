export const reportNames = [
  'traffic',
  'applications',
  'nat-pool',
  'talkers',
  'exporters',
  'storage',
]

/** Every page, with what has to be on it. */
export const places: readonly (readonly [path: string, text: string])[] = [
  ['/lookup', 'Who had this address and port?'],
  ['/notices', 'Paste the letter'],
  ['/cases', 'Open a case'],
  ['/approvals', 'Approvals'],
  ['/flows?from=-1h', 'Record'],
  ['/live', 'Application'],
  ['/live/unknown', 'What nothing recognised'],
  ['/devices', '10.77.0.2'],
  ['/sources?from=-1h', 'Exporters'],
  ['/sources/exporters/127.0.0.1', 'could not be read'],
  ...reportNames
    .filter((name) => name !== 'talkers')
    .map((name) => [`/reports/${name}?from=-1h`, 'Table as CSV'] as const),
]
