/** What the pages do beyond plain forms and links. Nothing is kept in the browser's storage. */
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs"
import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs"
import { Checkboxes } from "govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs"
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs"
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs"
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs"
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs"

import { autosave } from "./autosave.js"
import { chrome } from "./chrome.js"
import { requests } from "./requests.js"
import { session } from "./session.js"
import { unsaved } from "./unsaved.js"

const components = [Button, CharacterCount, Checkboxes, ErrorSummary, PasswordInput, Radios, SkipLink]

/** Gives the page its behaviour; called again after a swap, for what is new. */
function enliven() {
  for (const Component of components) {
    const selector = `[data-module="${Component.moduleName}"]:not([data-${Component.moduleName}-init])`
    for (const element of document.querySelectorAll(selector)) new Component(element)
  }
  autosave()
  chrome()
}

document.body.classList.add("js-enabled", "govuk-frontend-supported")
requests(enliven)
unsaved()
session()
enliven()
