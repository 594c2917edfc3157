"""axe-core, a judge of accessibility that others wrote: one release of the npm registry.

`./autogen.sh check` runs this file, which fetches the release into the build unless it is
there.  Tests read what is there, or are skipped.  Without a way to the registry that is all;
what is not the release named here stops.
"""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import requests

RELEASE = "axe-core-4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
REGISTRY = "https://registry.npmjs.org"

BUILD = Path(os.environ.get("BUILDDIR") or Path(__file__).resolve().parents[2])
FILE = BUILD / "tests" / f"{RELEASE}.tgz"


def checked(packed):
    found = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if found != SHA512:
        raise ValueError(f"{FILE.name} is not the release that {Path(__file__).name} names: "
                         f"its sha512 is {found}")
    return packed


@cache
def script():
    """The text of the judge; None where it was not fetched."""
    if not FILE.exists():
        return None
    with tarfile.open(fileobj=io.BytesIO(checked(FILE.read_bytes()))) as packed:
        return packed.extractfile("package/axe.min.js").read().decode()


def fetch():
    """From the registry that npm is set to; where there is no npm, from the one that its
    variable names.  Both take the proxy of the environment."""
    if shutil.which("npm"):
        name, _, version = RELEASE.rpartition("-")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "pack", "--silent", "--fetch-retries=1",
                            "--fetch-timeout=20000", f"{name}@{version}"],
                           cwd=folder, check=True, capture_output=True, timeout=60)
            return (Path(folder) / FILE.name).read_bytes()
    registry = os.environ.get("npm_config_registry") or REGISTRY
    got = requests.get(f"{registry.rstrip('/')}/axe-core/-/{FILE.name}", timeout=20)
    got.raise_for_status()
    return got.content


def main():
    try:
        if script():
            return
        packed = checked(fetch())
        part = FILE.with_suffix(".part")
        part.write_bytes(packed)
        part.rename(FILE)
    except (OSError, subprocess.SubprocessError):
        print("The npm registry cannot be reached: the tests by axe-core will be skipped.")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
