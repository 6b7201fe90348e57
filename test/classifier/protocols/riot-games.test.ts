import { riotGames } from '../../../classifier/protocols/riot-games.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  riotGames,
  [
    {
      name: 'a ping',
      transport: 'udp',
      port: 8181,
      said: [
        [
          'client',
          hex('7374f60c 72324204 ab597f81 1fcc0087 6bbc0000 16e37c40 14000000 aaaaaaaa bbbbbbbb'),
        ],
      ],
      application: 'riot-games',
    },
  ],
  [
    {
      name: 'another end',
      transport: 'udp',
      port: 8181,
      said: [
        [
          'client',
          hex('7374f60c 72324204 ab597f81 1fcc0087 6bbc0000 16e37c40 14000000 aaaaaaaa bbbbbbba'),
        ],
      ],
    },
  ]
)
