"""Papers beside a finding: attachments, supporting papers per charged line, internal comments, earlier decisions."""
