"""What Schemathesis has to be told of the upload protocol."""

import schemathesis

# Parts of files are bytes, under the media type of tus 1.0.0.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
