/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

/** A labelled input; what is wrong with it stands at it and is told with it. */

interface FieldProperties {
  readonly name: string
  readonly label: Child
  readonly value?: string | undefined
  readonly id?: string
  readonly hint?: Child
  readonly error?: string | undefined
  readonly type?: 'text' | 'password' | 'file' | 'number'
  readonly required?: boolean
  readonly size?: number
  readonly placeholder?: string
  readonly list?: string
  readonly autocomplete?: string
  readonly isCode?: boolean
  readonly maxlength?: number
}

const describedBy = (id: string, hint: unknown, error: unknown): string | undefined => {
  const ids = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
  const given = ids.filter(Boolean).join(' ')
  return given === '' ? undefined : given
}

function Notes({ id, hint, error }: { id: string; hint?: Child; error?: string | undefined }) {
  return (
    <>
      {hint === undefined ? null : (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
      {error === undefined ? null : (
        <small id={`${id}-error`} class="error">
          {error}
        </small>
      )}
    </>
  )
}

interface LabelProperties {
  readonly id: string
  readonly label: Child
  readonly required?: boolean | undefined
}

const Label = ({ id, label, required }: LabelProperties) => (
  <label for={id}>
    {label}
    {required ? <span class="needed"> needed</span> : null}
  </label>
)

export function Field(properties: FieldProperties) {
  const { name, label, value, hint, error, type = 'text', required, isCode, ...rest } = properties
  const id = properties.id ?? name
  return (
    <div class={`field of-${name}`}>
      <Label id={id} label={label} required={required} />
      <input
        {...rest}
        id={id}
        name={name}
        type={type}
        class={isCode ? 'code' : undefined}
        value={type === 'file' ? undefined : value}
        required={required}
        spellcheck={false}
        autocomplete={properties.autocomplete ?? 'off'}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={describedBy(id, hint, error)}
      />
      <Notes id={id} hint={hint} error={error} />
    </div>
  )
}

interface ChoiceProperties {
  readonly name: string
  readonly label: Child
  readonly id?: string
  readonly value?: string | undefined
  readonly choices: readonly (readonly [value: string, text: string])[]
  readonly hint?: Child
  readonly error?: string | undefined
}

export function Choice({ name, label, value, choices, hint, error, ...rest }: ChoiceProperties) {
  const id = rest.id ?? name
  return (
    <div class={`field of-${name}`}>
      <Label id={id} label={label} />
      <select
        id={id}
        name={name}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={describedBy(id, hint, error)}
      >
        {choices.map(([one, text]) => (
          <option value={one} selected={one === value}>
            {text}
          </option>
        ))}
      </select>
      <Notes id={id} hint={hint} error={error} />
    </div>
  )
}

interface WordsProperties {
  readonly name: string
  readonly label: Child
  readonly id?: string
  readonly value?: string | undefined
  readonly rows?: number
  readonly hint?: Child
  readonly required?: boolean
  readonly maxlength?: number
}

/** Several lines of text. */
export function Words({ name, label, value, rows = 3, hint, required, ...rest }: WordsProperties) {
  const id = rest.id ?? name
  return (
    <div class={`field of-${name}`}>
      <Label id={id} label={label} required={required} />
      <textarea
        id={id}
        name={name}
        rows={rows}
        required={required}
        maxlength={rest.maxlength}
        aria-describedby={describedBy(id, hint, undefined)}
      >
        {value}
      </textarea>
      <Notes id={id} hint={hint} />
    </div>
  )
}
