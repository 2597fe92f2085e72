"""Forms: their definitions, what people write on them, and the pages for both."""

from __future__ import annotations

from pyramid.config import Configurator

from casework.forms.library import library_for


def includeme(config: Configurator) -> None:
    """The pages of forms and responses on a case, and the list of drafts.

    A form that does not compile stops the start.
    """
    config.add_case_route("case.form", "/forms/{form_key}")
    config.add_case_route("case.form.draft", "/forms/{form_key}/draft")
    config.add_case_route("case.response", "/responses/{response_id:[1-9][0-9]{0,17}}")
    config.add_case_route("case.response.amend", "/responses/{response_id:[1-9][0-9]{0,17}}/amend")
    config.add_route("form.shown", "/forms/{form_key}/shown")
    config.add_route("drafts", "/drafts")
    config.add_route("draft.discard", "/drafts/{draft_id:[1-9][0-9]{0,17}}/discard")
    library_for(config.registry["casework.programs"])
    config.scan("casework.forms.views")
    config.scan("casework.forms.responses")
