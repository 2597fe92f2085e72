/** Asks before a page with unsaved text is left. */

const open = new Set()

/** A form whose text has reached the server. */
export function settled(form) {
  open.delete(form)
}

export function unsaved() {
  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.('form[method="post"]')
    if (form && !form.hasAttribute("data-careless")) open.add(form)
  })
  document.addEventListener("submit", ({ target }) => settled(target))
  document.addEventListener("htmx:after:swap", () => {
    for (const form of open) if (!form.isConnected) open.delete(form)
  })
  addEventListener("beforeunload", (event) => {
    if (open.size) event.preventDefault()
  })
}
