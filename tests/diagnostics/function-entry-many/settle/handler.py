from app import handle
