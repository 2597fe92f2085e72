/** Small comforts: printing, menus that close, the current place in view, the focus where the news is. */

import { tell } from "./requests.js"

let listening = false

export function chrome() {
  for (const button of document.querySelectorAll("button[data-print][hidden]")) {
    button.hidden = false
    button.addEventListener("click", () => print())
  }
  if (listening) return
  listening = true
  // What was just done is read aloud, unless something is wrong: then the list of faults comes first.
  if (!document.querySelector(".govuk-error-summary")) document.querySelector("[data-focus]")?.focus()

  const row = document.querySelector(".nav ul")
  const current = row?.querySelector("[aria-current]")
  if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2

  const menu = document.querySelector("details.account")
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-close-hint]")) tell(null)
    if (menu?.open && !menu.contains(target)) menu.open = false
  })
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && menu?.open) {
      menu.open = false
      menu.querySelector("summary").focus()
    }
  })
}
