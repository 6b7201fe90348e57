/** @jsxRuntime automatic @jsxImportSource hono/jsx */

/** In which form a signed file is wanted: each button sends the form that it stands in. */
export const FileButtons = () => (
  <>
    <button name="form" value="html">
      Print view
    </button>{' '}
    <button name="form" value="pdf">
      PDF
    </button>{' '}
    <button name="form" value="json">
      JSON
    </button>
  </>
)
