/** @jsxRuntime automatic @jsxImportSource hono/jsx */

interface TabsProperties {
  readonly label: string
  readonly here: string
  readonly tabs: readonly (readonly [name: string, title: string, path: string])[]
}

/** Links between views of one thing. */
export const Tabs = ({ label, here, tabs }: TabsProperties) => (
  <nav aria-label={label} class="tabs">
    <ul>
      {tabs.map(([name, title, path]) => (
        <li>
          <a href={path} aria-current={name === here ? 'page' : undefined}>
            {title}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
