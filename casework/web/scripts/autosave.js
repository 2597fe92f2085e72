import { csrfToken, tell } from "./requests.js"
import { settled } from "./unsaved.js"

const QUIET = 1200
const LONGEST_WAIT = 60000

/**
 * Saves a form's draft while it is written.
 *
 * <form data-autosave="URL"> is sent there, as it would be sent to its action. The answer is JSON:
 * {"version": 7, "saved": "10:31"}; each key is written to the field of that name, and `saved` is
 * shown. 409 means that somebody else changed the draft: saving stops and the person is told.
 * Anything else that fails is tried again, at growing distances, until it succeeds.
 */
export function autosave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (!form.dataset.autosaveReady) {
      form.dataset.autosaveReady = "yes"
      watch(form)
    }
  }
}

function watch(form) {
  const line = form.querySelector("[data-saved]")
  let timer = 0
  let wait = QUIET
  let sending = null
  let changed = false
  let stopped = false

  const show = (state, moment = "") => {
    if (!line) return
    line.dataset.state = state
    line.querySelector("span").textContent = (line.dataset[state] ?? "").replace("{time}", moment)
  }

  const later = (delay) => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(save, delay)
  }

  function save() {
    if (!sending && changed) sending = send().finally(after)
  }

  function after() {
    sending = null
    if (changed && !stopped && wait === QUIET) later(QUIET)
  }

  async function send() {
    changed = false
    show("saving")
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams(textOf(form)),
        headers: { Accept: "application/json", "X-CSRF-Token": csrfToken() },
        credentials: "same-origin",
        redirect: "error",
        keepalive: true,
      })
      if (answer.status === 401) tell("signed-out")
      if (answer.status === 409) {
        stopped = true
        show("conflict")
        return
      }
      if (!answer.ok) throw new Error(String(answer.status))
      taken(form, await answer.json())
    } catch {
      changed = true
      show("failed")
      wait = Math.min(wait * 2, LONGEST_WAIT)
      later(wait)
    }
  }

  function taken(saved, values) {
    wait = QUIET
    for (const [name, value] of Object.entries(values)) {
      const field = saved.querySelector(`input[type="hidden"][name="${CSS.escape(name)}"]`)
      if (field) field.value = value
    }
    if (!changed) settled(saved)
    show("done", values.saved)
    document.dispatchEvent(new Event("casework:answered"))
  }

  form.addEventListener("input", () => {
    changed = true
    wait = QUIET
    later(QUIET)
  })
  // The form is sent with the version that the last save answered, so it waits for that answer.
  const sent = (event) => {
    clearTimeout(timer)
    if (!sending) {
      stopped = true
      return
    }
    event.preventDefault()
    event.stopImmediatePropagation()
    sending.then(() => form.requestSubmit(event.submitter))
  }
  form.addEventListener("submit", sent, { capture: true })
  addEventListener("online", () => changed && later(0))
  document.addEventListener("visibilitychange", () => document.hidden && save())
}

/** The form's fields without its files, which are sent only when the person sends the form. */
function textOf(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string")
}
