/** How htmx and our own calls speak with the server. */

/** The token that proves that a request comes from our own page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? ""
}

/** Shows one of the sentences of the hint bar; `kind` names the element that holds it. */
export function tell(kind) {
  const bar = document.getElementById("hint-bar")
  if (!bar) return
  for (const sentence of bar.children) sentence.hidden = sentence.dataset.hint !== kind
  bar.hidden = !kind
}

/** Wires htmx: the token on every request, a word when one fails, life in what was swapped in. */
export function requests(enliven) {
  document.addEventListener("htmx:config:request", ({ detail }) => {
    detail.ctx.request.headers["X-CSRF-Token"] = csrfToken()
  })
  document.addEventListener("htmx:response:error", ({ detail }) => {
    const { status } = detail.ctx.response
    if (status === 401) tell("signed-out")
    else if (status !== 409 && status !== 422) tell("failed")
  })
  document.addEventListener("htmx:error", () => tell("offline"))
  document.addEventListener("htmx:after:request", ({ detail }) => {
    if (detail.ctx.response?.raw.ok) {
      tell(null)
      document.dispatchEvent(new Event("casework:answered"))
    }
  })
  document.addEventListener("htmx:after:swap", () => enliven())
}
