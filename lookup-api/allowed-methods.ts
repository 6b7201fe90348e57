/** A route as hono lists it: `/v1/cases/:id`. */
interface Route {
  readonly method: string
  readonly path: string
}

/** A segment of a path in a pattern: a parameter takes anything but a slash. */
const segmentPattern = (segment: string): string =>
  segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/**
 * The methods that a path has, by the routes of an app; none where there is no such path.
 *
 * @returns of a path, its methods, with HEAD where there is GET (RFC 9110 §9.3.2)
 */
export function allowedMethods(routes: readonly Route[]): (path: string) => string[] {
  const known = routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({
      methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
      pattern: new RegExp(`^${path.split('/').map(segmentPattern).join('/')}$`),
    }))
  return (path) => [
    ...new Set(known.flatMap(({ methods, pattern }) => (pattern.test(path) ? methods : []))),
  ]
}
