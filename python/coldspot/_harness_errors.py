"""What went wrong in an import, in words: loaded only when something did.

`harness` is the module _harness, put here by its part()."""

import os
import re
import sys

# Where the package to install is not called what is imported.
DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "multipart": "python-multipart",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
REQUIREMENT = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]"']*\])?\s*((?:[=<>!~]=|[<>@])[^"']*)?["']""")
INSTALL = re.compile(r"(pip_install|uv_pip_install|pip_install_from_requirements|uv_sync|micromamba_install)\s*\(")
INSTALL_LINES = 40  # how far below the call's name its arguments are looked for


def import_error(error, stage, request):
    """The event, or None for what is only an exception like any other."""
    if isinstance(error, SyntaxError):
        return syntax_error(error, request) if stage["phase"] == "import" else None
    name = getattr(error, "name", None)
    if not isinstance(error, ModuleNotFoundError) or not name:
        return None
    top = name.partition(".")[0]
    if top in sys.modules and top != name:  # the package is there, this part of it is not
        return None
    place = harness.where(error)
    if stage["phase"] != "import":
        harness.show_exception(error)
    event = {"event": "error", "name": top, "during": stage["phase"], **place}
    shown = os.path.basename(place.get("file", "")) or harness.app_name(request)
    if top == "modal":
        event.update(kind="no_modal", message="%s imports modal, and %s has no modal package" % (shown, sys.executable))
        event["command"] = "%s -m pip install modal" % quote(sys.executable)
        return event
    event.update(missing_package(top, request))
    event["message"] = "%s imports %s, which %s does not have" % (shown, top, sys.executable)
    return event


def syntax_error(error, request):
    if not error.filename or not os.path.isfile(error.filename):
        return None
    message = "%s:%s: %s" % (os.path.basename(error.filename), error.lineno, error.msg)
    return {
        "event": "error",
        "kind": "syntax_error",
        "message": message,
        "file": error.filename,
        "line": error.lineno,
        "column": error.offset,
        "during": "import",
    }


def missing_package(top, request):
    package = DISTRIBUTIONS.get(top, top.replace("_", "-"))
    event = {"kind": "missing_package", "package": package, "requirement": package}
    path = request["target"]["file"]
    found = image_line(path, {normal(package), normal(top)}) if path else None
    if found:
        event.update(found, image_file=path)
    event["command"] = "%s -m pip install %s" % (quote(sys.executable), quote(event["requirement"]))
    return event


def image_line(path, names):
    """The line of the app that puts one of these packages into its image, and how it asks for it."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    call_at = None
    for number, line in enumerate(lines, 1):
        if INSTALL.search(line):
            call_at = number
        if call_at is None or number > call_at + INSTALL_LINES:
            continue
        for match in REQUIREMENT.finditer(line):
            if normal(match.group(1)) in names:
                return {"image_line": number, "image_text": line.strip(), "requirement": match.group(0)[1:-1]}
    return None


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def quote(text):
    return text if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", text) else "'%s'" % text.replace("'", "'\\''")
