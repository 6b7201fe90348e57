// What makes the pages handier where scripts run; without them everything works as well.

/** What was wrong is read out, and the keyboard stands at it. */
function showProblem() {
  document.getElementById('problem')?.focus()
}

/** Empty fields would make the address of a question long for nothing. */
function dropEmptyFields() {
  for (const form of document.querySelectorAll('form[method="get"]')) {
    form.addEventListener('formdata', ({ formData }) => {
      const empty = Array.from(formData).filter(([, value]) => value === '')
      for (const [name] of empty) formData.delete(name)
    })
  }
}

/** A file that is dropped anywhere on the form of a notice is taken. */
function takeDroppedFiles() {
  const form = document.querySelector('form.paste')
  const input = form?.querySelector('input[type="file"]')
  if (!form || !input) return
  form.addEventListener('dragover', (event) => {
    event.preventDefault()
    form.classList.add('dropping')
  })
  form.addEventListener('dragleave', () => form.classList.remove('dropping'))
  form.addEventListener('drop', (event) => {
    event.preventDefault()
    form.classList.remove('dropping')
    if (event.dataTransfer.files.length > 0) input.files = event.dataTransfer.files
  })
}

showProblem()
dropEmptyFields()
takeDroppedFiles()
