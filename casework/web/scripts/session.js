import { csrfToken, tell } from "./requests.js"

const WARNING = 120

/**
 * Says two minutes before the session ends that it will, and offers to go on.
 *
 * <meta name="session-idle" content="1800" data-keep="URL"> gives the idle limit in seconds and
 * the address that counts as use; without it nothing is said.
 */
export function session() {
  const meta = document.querySelector('meta[name="session-idle"]')
  const idle = Number(meta?.content)
  if (!idle) return
  let warned
  let ended

  const restart = () => {
    clearTimeout(warned)
    clearTimeout(ended)
    warned = setTimeout(() => tell("ending"), Math.max(idle - WARNING, 1) * 1000)
    ended = setTimeout(() => tell("signed-out"), idle * 1000)
  }

  document.addEventListener("casework:answered", restart)
  document.getElementById("hint-bar")?.addEventListener("click", async ({ target }) => {
    if (!target.closest("[data-stay]")) return
    const answer = await fetch(meta.dataset.keep, {
      method: "POST",
      headers: { "X-CSRF-Token": csrfToken() },
      credentials: "same-origin",
    }).catch(() => null)
    tell(answer?.ok ? null : "signed-out")
    if (answer?.ok) restart()
  })
  restart()
}
